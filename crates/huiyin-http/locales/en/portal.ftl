# The public portal. Every language has the same keys.

## On every page
skip = Skip to main content
back = Back
look-normal = Large text
look-elder = Larger still
look-largest = Normal text
help-call = Would you rather talk to somebody? Call
all-times = All times are Beijing time (UTC+8)
today-at = today at { $time }
end-of = the end of { $day }
at-the-latest = { $until } at the latest
to-home = To the first page
call = Call
change = Change
next = Next
previous = Previous
keep = Save draft
send = Send
copy = Copy
yes = Yes
no = No
optional = Optional
choose = Choose one
order-no = Request number
code = Access code
code-hint = 6 digits
wrong-count = { $n ->
    [one] One field needs your attention
   *[other] { $n } fields need your attention
}
line-long = Write at most { $most } characters
text-wrong = Write something, at most { $most } characters

## First page
home-danger = In danger? Call now
home-police = Police
home-fire = Fire
home-medical = Medical
home-title = Need help in Sanya? Call 12345
home-lead = Questions, complaints and suggestions, 24 hours a day.
home-submit = Submit a request
home-or-call = Or call
home-far = from a foreign number
home-services = Services
home-travel = Travel complaint
home-travel-what = Hotels, tours, shops, taxis
home-question = Ask a question
home-question-what = Registration, insurance, permits
home-suggest = Suggest something
home-suggest-what = What could be better
home-praise = Say thank you
home-praise-what = For good service

## Submitting
submit-title = Submit a request
steps-of = Step { $n } of 3
step-1 = What happened
step-2 = How to reach you
step-3 = Check and send
kind-label = I want to
kind-complaint = Complain
kind-help = Ask for help
kind-consultation = Ask a question
kind-report = Report a violation
kind-suggestion = Suggest something
kind-praise = Say thank you
kind-missing = Choose what you want to do
what-label = What happened
what-hint = When, what happened, and what you would like us to do.
what-short = Write what happened, in a few words at least
what-long = This has { $now } characters; write at most { $most }, and attach longer material
place-label = Where
place-hint = Street, hotel, beach or landmark
place-missing = Write where it happened: the street and a landmark nearby
files-label = Photos and files
files-hint = Optional, at most 9, each up to 20 MB: jpg png heic pdf docx xlsx mp4 amr. What the camera wrote into a photo is removed.
files-drop = Remove
files-kept = { $n ->
    [one] { $n } file
   *[other] { $n } files
}
file-large = A file is larger than 20 MB and was not taken; make it smaller and choose it again
file-kind = A file is of a kind that is not taken; use a photo or a pdf
file-unsafe = A file holds macros or something hidden, or unpacks to far too much, and was not taken; save it as pdf and choose it again
file-many = At most { $most } files; the others were not taken
file-busy = Many people are uploading now, and a file was not taken; choose it again in a moment
file-broken = A file did not arrive whole; choose it again
any-language = Write in any language
any-language-what = What you write is kept as it is.
kept = The draft is saved
kept-what = Open this page in the same browser within 24 hours to go on.
kept-here = A draft is saved on this device
lost = What you wrote before was not found
lost-what = It is older than 24 hours, or your browser takes no cookies. Please write it again, or call 12345.
offline = You are offline; nothing was sent yet
offline-what = What you wrote is still on this page and on this device. Press the button again once you are online. If it is urgent, call 12345.
similar-title = Similar requests nearby
similar-lead = { $n ->
    [one] One similar request is being handled. If you follow it, a person checks whether it is the same matter, and you are told how it goes.
   *[other] { $n } similar requests are being handled. If you follow one, a person checks whether it is the same matter, and you are told how it goes.
}
similar-follow = It happened to me too: follow this one
similar-none = None of these, go on
similar-note = Only the matter, the district and the progress are shown, never anybody’s name, phone or words.
name-label = Your name
phone-label = Phone
phone-hint = To tell you the result; it is not published
phone-missing = Write a phone number or an e-mail address, or go on without
phone-wrong = This does not look like a phone number; write it with the country code, such as +86 138 0000 0000
email-label = E-mail
email-hint = If you have no Chinese phone number
email-wrong = This does not look like an e-mail address
secret-label = Do not show my name and phone to the unit that handles it
secret-kind = Reports are kept secret unless you say otherwise; 12345 contacts you for the unit.
anonymous-title = You may leave no contact
anonymous-what = Your request is handled all the same, but we cannot tell you the result or call you back.
anonymous-go = Go on anonymously
rather-call = Is the form difficult? We can write it down for you:
check-matter = Request
check-contact = Contact
check-who = Who you are
check-anonymous = Anonymous, no contact
check-secret = Secrecy
check-hidden = Hidden from the unit that handles it
check-shown = The unit may contact you
check-follow = Follow
check-follow-what = Goes along with a similar request
check-next = 12345 checks it and sends it to the responsible unit.
agree = This is true, and I have read the
agree-missing = Confirm first that it is true and that you have read the privacy policy
limit-usual = You are answered by { $until } at the latest; some matters are faster.
done-title = Sent
done-got = We have it
done-note = Write these down or take a screenshot: you need them to track your request.
done-next = What happens next
done-more = If something changes, add it when you track the request; there is no need to send it again.
done-anonymous = You left no contact: only the number and the code lead to the result.
next-received = Received
next-sent-on = Checked and sent to the responsible unit
next-handled = The unit takes it up
next-answer = You are answered
next-rate = You say how it went
rule = { $amount } · { $basis }
within-minute = { $n ->
    [one] within { $n } minute
   *[other] within { $n } minutes
}
within-hour = { $n ->
    [one] within { $n } hour
   *[other] within { $n } hours
}
within-day = { $n ->
    [one] within { $n } day
   *[other] within { $n } days
}
within-workday = { $n ->
    [one] within { $n } working day
   *[other] within { $n } working days
}

## Tracking
track-title = Track a request
track-go = Track
track-both = Write the request number and the access code
track-wrong = The number or the code is wrong; check them and try again
track-wait = Too many wrong tries; wait { $minutes } minutes, or call 12345
track-over = Enter the code again: after half an hour it is asked for anew
track-lost = Lost the code? We can tell you the progress once we know it is you:
by-phone-title = Track by phone
by-phone-what = The number you left with your request; we send it a code
by-phone-go = Send a code
phone-code-sent = If a request was submitted with this number, a code is on its way. It is good for { $minutes } minutes.
phone-code-label = Code from the message
phone-code-again = Send another code
phone-code-wrong = The code is wrong or no longer good; check it and try again
mine-title = My requests
mine-none = There is no request to show
mine-note = Requests you asked to keep secret are shown by number and access code only.
track-merged = This is the same matter as another request; they are handled together, and this is the progress of both.
track-answer = Answer
track-steps = Progress
track-leave = Leave
has-it = It is with { $unit }
until-answer = You are answered by { $until } at the latest
until-sent-on = It is sent to the responsible unit by { $until } at the latest
until-missed = It was due by { $until } and is late; we are pressing for it
basis = Basis: { $basis }
state-waiting = Waiting to be accepted
state-accepted = Accepted
state-with-unit = In progress
state-review = The answer is being checked
state-callback = Answered
state-answered = Answered
state-handled = Settled
state-passed-on = Passed on
state-refused = Not accepted
state-transferred = Passed to another service
state-withdrawn = Withdrawn
state-merged = Handled with another
state-stopped = Ended
step-received = Received
step-accepted = Accepted
step-sent = Sent to the responsible unit
step-signed = Taken up
step-progress = In progress, with news
step-fed-back = The unit has answered; 12345 is checking
step-returned = The unit says it is not its own; it is sent elsewhere
step-extended = The limit was extended
step-shelved = It cannot be solved yet and is on a tracked list
step-passed = The answer was checked
step-redo = The unit must do it again
step-rated = You have said how it went
step-added = You added details
step-urged = You urged
step-merged = Handled with another request
step-withdrawn = Withdrawn
step-answered = Answered
step-handled = Settled
step-passed-on = Passed on
step-refused = Not accepted
step-transferred = Passed to another service
step-stopped = Ended
add-title = Add details
add-label = What to add
add-go = Add
urge-go = Urge
said-added = What you added was passed to the unit
said-urged = The unit was urged
said-withdraw = We have it; a person confirms it with you before the request is withdrawn
withdraw-title = Withdraw
withdraw-what = A person confirms it with you first. Reports and some other matters may be looked into all the same.
withdraw-why = Why (optional)
withdraw-go = Ask to withdraw
withdraw-asked = You have asked to withdraw; a person will confirm it with you.

## Rating
rate-title = Rate the result
rate-solved = Is it solved?
rate-yes = Solved
rate-partly = In part
rate-no = Not solved
rate-satisfied = The result
rate-good = Satisfied
rate-fair = Fair
rate-bad = Not satisfied
rate-contacted = Did the unit contact you?
rate-said = What is not solved, or anything else
rate-unsolved = What if I choose “in part” or “not solved”?
rate-unsolved-what = 12345 checks; if it is so, the unit must do it again and you are answered again.
rate-send = Send
rate-thanks = Thank you, we have your rating
rate-follows-nothing = Your rating is noted. Thank you.
rate-follows-check = You say it is not solved: 12345 checks; if it is so, the unit must do it again and you are answered again.
rate-follows-reopening = You say it is not solved: the request is closed, so 12345 contacts you, checks, and takes it up again as a new request linked to this one.
rate-over = This link no longer works
rate-over-expired = A link is good for { $days } days, and this one has ended. Track your request by number and code; while it can be rated there is a button.
rate-over-redone = The unit was told to do it again. You will be answered again, and asked again how it went.
rate-over-closed = The request is closed and the time to rate it is over. If the problem is still there, submit it again or call 12345; we will link the two.
rate-over-unknown = The link may not have been copied whole. You can track it by number and code, or wait for our call.
rate-by-code = Track by code

## Statements
access-title = Accessibility
access-aim = What we aim at
access-aim-what = Everybody can submit, track and rate a request themselves. The pages are made to WCAG 2.2 AA and the national standard.
access-how = How to make it easier
access-how-what = The button at the top right makes letters large, and larger still. Everything works with the keyboard and without script. Text stands out from its background. Dark display follows your device.
access-lacks = What is missing
access-lacks-what = There is no voice input and no map; use your phone’s own voice keyboard, and write the street and a landmark. Tests with screen reader users are still to be made.
access-help = If something does not work
access-help-what = Call 12345 and say which page it was. We handle your request at once and pass the fault on.
privacy-title = Privacy
privacy-what = What we collect
privacy-what-what = What you write, where it is, your files, and the name, phone and e-mail you choose to leave. You may leave none. Time, place and camera data are removed from photos.
privacy-why = What for
privacy-why-what = To handle your request, tell you the result and ask how it went. For nothing else.
privacy-who = Who sees it
privacy-who-what = People at 12345 and at the unit who handle this matter. To read your name and phone they must give a reason, which is kept. If you ask for secrecy the unit does not learn who you are; 12345 contacts you.
privacy-how = How it is kept
privacy-how-what = Name and phone are encrypted, apart from the request. A draft you do not send is encrypted and deleted after 24 hours. Of the access code only a digest is kept.
privacy-device = What is on your device
privacy-device-what = A few necessary cookies: draft, tracking, size of letters. With script a draft is also kept on this device and removed when it is sent. Leave tracking when you use a public computer.
privacy-yours = Your rights
privacy-yours-what = You may ask to see and correct what we keep, and to withdraw a request. Call 12345.

## Trouble
trouble-gone = This page was not found
trouble-gone-what = The address may be wrong or no longer good.
trouble-much = Please wait a moment
trouble-much-what = This came too fast or too often and was not taken. What you wrote is below; send it again in a while. If it is urgent, call 12345.
trouble-unreadable = What was sent could not be read
trouble-unreadable-what = It did not arrive whole, or was not sent from a page of this site. Go back and try again.
trouble-refused = This cannot be done now
trouble-refused-what = Your request has moved on; look at its progress again.
trouble-away = The system is not available
trouble-away-what = What you wrote was not taken. Copy it and send it again later; if it is urgent, call 12345.
trouble-broken = Something went wrong
trouble-broken-what = It is noted under number { $number }. Try again later, or call 12345.
trouble-kept = What you wrote
